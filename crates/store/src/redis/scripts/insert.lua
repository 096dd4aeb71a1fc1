-- KEYS: record, index, fence. ARGV: name, value, life, cap, the caller's clock.
local since = fence(KEYS[3], ARGV[5])
if redis.call('EXISTS', KEYS[1]) == 1 then return {1, 0} end
if not has_room(KEYS[2], ARGV[4]) then return {2, 0} end
put(KEYS[1], KEYS[2], ARGV[1], ARGV[2], ARGV[3])
return {0, since}
