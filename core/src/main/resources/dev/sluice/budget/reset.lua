-- Forgets what a user has of a budget. KEYS: 1 the user's budget. Returns {1} if there was anything, else {0}.
-- Only deletes, so that it works when memory is full.
return { redis.call('DEL', KEYS[1]) }
