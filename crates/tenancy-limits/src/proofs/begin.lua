-- Asks for a job's turn. KEYS: 1 what was done, 2 whose turn it is.
-- ARGV: 1 the id, 2 the turn, 3 its lease in ms, 4 how many are remembered.
-- Gives 0: it was done, 1: the turn is yours, 2: the room is full, 3: it is another's.
if known(KEYS[1], ARGV[1]) then return 0 end
if redis.call('EXISTS', KEYS[2]) == 1 then return 3 end
if full(KEYS[1], ARGV[4]) then return 2 end
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
return 1
