-- Remembers that a bot has a queue. KEYS: all bots that have. ARGV: the bot. Returns 1.
-- No TTL: the entry is the bot's, like its queue's state.
redis.call('SADD', KEYS[1], ARGV[1])
return { 1 }
