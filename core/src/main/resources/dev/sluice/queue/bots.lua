-- Lists the bots that have a queue. KEYS: all bots that have. Returns them.
return redis.call('SMEMBERS', KEYS[1])
