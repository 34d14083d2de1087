-- Forgets a named limit. Its buckets lapse by themselves. KEYS: 1 all definitions. ARGV: 1 name. Returns {1} if there was one, else {0}.
return { redis.call('HDEL', KEYS[1], ARGV[1]) }
