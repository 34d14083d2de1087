-- Remembers that a bot has a queue, and when that was last said. KEYS: when bots last said so. ARGV: the bot. Returns 1.
-- No TTL: an entry is removed by forget.lua.
redis.call('ZADD', KEYS[1], string.format('%.0f', now), ARGV[1])
return { 1 }
