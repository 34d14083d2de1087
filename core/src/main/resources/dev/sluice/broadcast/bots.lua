-- Lists the bots that may have broadcasts. KEYS: when bots began one. Returns them.
return redis.call('ZRANGE', KEYS[1], 0, -1)
