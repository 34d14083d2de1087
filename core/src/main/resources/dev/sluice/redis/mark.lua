-- Writes something. KEYS: what. Returns 1.
redis.call('SET', KEYS[1], '', 'PX', 5000)
return { 1 }
