-- KEYS: record, index. ARGV: name, value, life.
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
if tonumber(ARGV[3]) == 0 then
    redis.call('DEL', KEYS[1])
    redis.call('ZREM', KEYS[2], ARGV[1])
end
put(KEYS[1], KEYS[2], ARGV[1], ARGV[2], ARGV[3])
return 1
