-- Lists the bots that have a queue. KEYS: when bots last said so. Returns them.
return redis.call('ZRANGE', KEYS[1], 0, -1)
