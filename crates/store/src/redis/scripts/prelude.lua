-- What every script begins with. Expiry is judged by this server's clock; each script is one step for all clients.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)

-- Takes what expired first, at most so many records, out of an index, and says how many. The records themselves are
-- gone already.
local function clear(index, most)
    local old = redis.call('ZRANGEBYSCORE', index, '-inf', now, 'LIMIT', 0, most)
    if #old > 0 then redis.call('ZREM', index, unpack(old)) end
    return #old
end

local function has_room(index, cap)
    return redis.call('ZCARD', index) < tonumber(cap) or clear(index, 256) > 0
end

-- Puts a record and its place in the index. One with no life left is not even put there.
local function put(key, index, name, value, life)
    if tonumber(life) > 0 then
        redis.call('SET', key, value, 'PX', life)
        redis.call('ZADD', index, now + life, name)
    end
end

-- Since when this history of the data surely remembers. A master has a new replication id whenever it starts and
-- whenever it takes over from another, so a kept id that differs means that the last marks may be lost. The later of
-- two clocks counts.
local function fence(key, callers_clock)
    local history = string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')
    local kept = redis.call('HMGET', key, 'history', 'since')
    if history and kept[1] == history then return tonumber(kept[2]) end
    local since = math.max(now, tonumber(callers_clock), tonumber(kept[2] or 0))
    redis.call('HSET', key, 'history', history, 'since', string.format('%.0f', since))
    return since
end
