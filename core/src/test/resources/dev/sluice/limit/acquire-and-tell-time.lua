-- As acquire.lua, but tells the server's time of the decision first.
local decision = bucket_decide(KEYS, redis.call('MGET', unpack(KEYS)), 1, #KEYS, ARGV, 3, ARGV[1], ARGV[2], now)
return { now, unpack(bucket_commit(decision, now)) }
