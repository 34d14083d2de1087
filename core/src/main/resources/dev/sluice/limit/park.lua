-- Parks a bucket. KEYS: the bucket. ARGV: microseconds. Atomic, since a park may only move later.
bucket_park(KEYS[1], redis.call('GET', KEYS[1]), now + tonumber(ARGV[1]), now)
return { 1 }
