-- What was used, and what was done, is a sorted set for each tenant and issuer: the id -> when it ends, in ms of this server's
-- clock. What has ended counts for nothing, and is removed bit by bit.

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function known(key, id)
    local ends = redis.call('ZSCORE', key, id)
    return ends and tonumber(ends) > now
end

local function full(key, most)
    return redis.call('ZCOUNT', key, string.format('(%.0f', now), '+inf') >= tonumber(most)
end

local function remember(key, id, left)
    left = math.max(tonumber(left), 1)
    local ended = redis.call('ZRANGEBYSCORE', key, '-inf', string.format('%.0f', now), 'LIMIT', 0, 64)
    if #ended > 0 then redis.call('ZREM', key, unpack(ended)) end
    redis.call('ZADD', key, string.format('%.0f', now + left), id)
    if redis.call('PTTL', key) < left then redis.call('PEXPIRE', key, string.format('%.0f', left)) end
end

-- Since when this server remembers: what was used before, it can't know.
local function since(key)
    local began = redis.call('GET', key)
    if began then return tonumber(began) end
    redis.call('SET', key, string.format('%.0f', now))
    return now
end

