-- Says what time it is, if Redis takes writes; changes nothing.
-- KEYS: 1 a name that is never a key
-- Returns {now}. SETRANGE of nothing into nothing writes nothing, to no log and no replica either; but Redis refuses it as every write that
-- takes memory: on a full memory or disk, on a replica, without the replicas it must have. Alone in its script, so atomic.
redis.call('SETRANGE', KEYS[1], 0, '')
return { now }
