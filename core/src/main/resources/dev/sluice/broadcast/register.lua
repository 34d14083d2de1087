-- Remembers that a bot has a broadcast. KEYS: when bots began one. ARGV: the bot. Returns 1.
-- No TTL: an entry is removed by retire.lua.
redis.call('ZADD', KEYS[1], string.format('%.0f', now), ARGV[1])
return { 1 }
