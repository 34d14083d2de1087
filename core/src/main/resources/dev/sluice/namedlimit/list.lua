-- Lists the named limits. KEYS: 1 all definitions. Returns name and definition of each, in no order.
return redis.call('HGETALL', KEYS[1])
