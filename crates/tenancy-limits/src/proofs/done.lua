-- A job was done. KEYS: 1 what was done, 2 whose turn it is. ARGV: 1 the id, 2 the turn, 3 in how many ms the job ends.
-- Gives 1: the turn was still this one, 0: it was not.
remember(KEYS[1], ARGV[1], ARGV[3])
if redis.call('GET', KEYS[2]) ~= ARGV[2] then return 0 end
redis.call('DEL', KEYS[2])
return 1
