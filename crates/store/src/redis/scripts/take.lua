-- KEYS: record, index. ARGV: name.
local value = redis.call('GET', KEYS[1])
if value then
    redis.call('DEL', KEYS[1])
    redis.call('ZREM', KEYS[2], ARGV[1])
end
return value
