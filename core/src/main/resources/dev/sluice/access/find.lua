-- KEYS: 1 what is known of a user's access. Returns {it}, or {''}. One command, so atomic.
return { redis.call('GET', KEYS[1]) or '' }
