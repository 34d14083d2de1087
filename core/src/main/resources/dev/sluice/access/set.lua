-- Keeps what is known of a user's access. KEYS: 1 it. ARGV: 1 the state. Returns {1}. One command, so atomic.
-- Without a TTL: it holds until whoever decides about access says otherwise.
redis.call('SET', KEYS[1], ARGV[1])
return { 1 }
