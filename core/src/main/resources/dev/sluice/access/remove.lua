-- Forgets what is known of a user's access. KEYS: 1 it. Returns {1} if there was anything, else {0}. One command, so atomic.
return { redis.call('DEL', KEYS[1]) }
