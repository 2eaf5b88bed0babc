-- Uses a proof. KEYS: 1 what was used, 2 since when that is remembered.
-- ARGV: 1 the id, 2 for how many ms it can have been used, 3 in how many ms it ends, 4 how many are remembered.
-- Gives 0: it was used before, 1: its first use, 2: the room is full, 3: it can't be known.
local began = since(KEYS[2])
if known(KEYS[1], ARGV[1]) then return 0 end
if now - tonumber(ARGV[2]) < began then return 3 end
if full(KEYS[1], ARGV[4]) then return 2 end
remember(KEYS[1], ARGV[1], ARGV[3])
return 1
