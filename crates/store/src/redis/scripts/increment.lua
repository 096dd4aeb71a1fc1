-- KEYS: record, index. ARGV: name, life, cap. Answers with digits: a number here has 53 bits.
local value = redis.call('GET', KEYS[1])
if not value then
    if not has_room(KEYS[2], ARGV[3]) then return {2, '0'} end
    put(KEYS[1], KEYS[2], ARGV[1], '1', ARGV[2])
    return {0, '1'}
end
if value == '9223372036854775807' then return {0, value} end
if not string.match(value, '^%d+$') or type(redis.pcall('INCR', KEYS[1])) == 'table' then return {3, '0'} end
return {0, redis.call('GET', KEYS[1])}
