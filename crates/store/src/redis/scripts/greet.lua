-- KEYS: fence. ARGV: the caller's clock. Answers with what this server does when its memory is full.
fence(KEYS[1], ARGV[1])
local memory = redis.call('INFO', 'memory')
local most = string.match(memory, 'maxmemory:(%d+)')
return (most ~= '0' and string.match(memory, 'maxmemory_policy:([%w-]+)')) or 'noeviction'
