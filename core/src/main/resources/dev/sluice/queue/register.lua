-- Remembers that a bot has a queue, and when that was last said. KEYS: when bots last said so. ARGV: the bot. Returns 1 if another program had
-- written there, which is gone then, else 0.
-- No TTL: an entry is removed by forget.lua.
local mended = redis.call('TYPE', KEYS[1]).ok
mended = mended ~= 'zset' and mended ~= 'none' and redis.call('DEL', KEYS[1]) or 0
redis.call('ZADD', KEYS[1], string.format('%.0f', now), ARGV[1])
return { mended }
