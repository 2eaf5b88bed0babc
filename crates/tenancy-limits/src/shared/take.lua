-- One key's window, shared by all replicas. Atomic: nothing else runs meanwhile.
--
-- The window is a hash: the number of a piece of time -> how many passed in it. A lease is counted under the piece in which
-- it ends, so that one which nobody gives back ages like everything else. `m` is the hash's name: a random one that tells a
-- replica whether the hash that it knew is gone.
--
-- KEYS[1] the key. ARGV: 1 limit, 2 piece in us, 3 pieces in a window, 4 life of a lease in us, 5 the name known or 0,
-- 6 the piece of the lease that comes back, 7 its size, 8 how much of it is kept, 9 how much is wanted besides,
-- then pairs: how many us ago, how many passed.
-- Gives: name, piece of the lease, its size, how many are left, us until one is, us until all are. Name 0: ask anew.
local limit, width, span, life = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local known, kept, more = ARGV[5], tonumber(ARGV[8]), tonumber(ARGV[9])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

local flat = redis.call('HGETALL', KEYS[1])
local name, count, changed = nil, {}, {}
for i = 1, #flat, 2 do
    if flat[i] == 'm' then name = flat[i + 1] else count[tonumber(flat[i])] = tonumber(flat[i + 1]) end
end
if known ~= '0' and known ~= name then return {0, 0, 0, 0, 0, 0} end
if not name then
    name = string.format('%.0f', now)
    redis.call('HSET', KEYS[1], 'm', name)
end

local function add(piece, n)
    count[piece] = math.max((count[piece] or 0) + n, 0)
    changed[piece] = true
end
if known ~= '0' and tonumber(ARGV[7]) > 0 then add(tonumber(ARGV[6]), -tonumber(ARGV[7])) end
for i = 10, #ARGV, 2 do
    add(math.floor((now - tonumber(ARGV[i])) / width), tonumber(ARGV[i + 1]))
end

local oldest, used, pieces = math.floor(now / width) - span, 0, {}
for piece, n in pairs(count) do
    if piece < oldest or n == 0 then
        redis.call('HDEL', KEYS[1], string.format('%.0f', piece))
        count[piece], changed[piece] = nil, nil
    else
        used = used + n
        pieces[#pieces + 1] = piece
    end
end

local free = limit - used - kept
local granted = 0
if free > 0 then granted = math.min(more, math.max(math.floor(free / 4), 1)) end
local lease, ends = kept + granted, math.floor((now + life) / width)
if lease > 0 then
    if not count[ends] then pieces[#pieces + 1] = ends end
    add(ends, lease)
end
for piece in pairs(changed) do redis.call('HSET', KEYS[1], string.format('%.0f', piece), count[piece]) end
redis.call('PEXPIRE', KEYS[1], math.ceil((width * (span + 2) + life) / 1000))

table.sort(pieces)
local left, retry, reset = limit - used - lease, 0, 0
local leaves = used + lease
for _, piece in ipairs(pieces) do
    local away = (piece + span + 1) * width - now
    leaves = leaves - count[piece]
    if left <= 0 and retry == 0 and leaves < limit then retry = away end
    -- a lease that is not used comes back sooner than all that passed, although it is counted under its end
    reset = math.min(away, (span + 1) * width)
end
return {name, ends, lease, math.max(left, 0), math.max(retry, 0), math.max(reset, 0)}
