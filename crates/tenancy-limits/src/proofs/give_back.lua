-- A job was not done. KEYS: 1 whose turn it is. ARGV: 1 the turn. Gives 1: it was this one, 0: it was not.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
