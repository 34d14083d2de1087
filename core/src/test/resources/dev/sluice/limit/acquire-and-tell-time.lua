-- As acquire.lua, but tells the server's time of the decision first.
local raws = redis.call('MGET', unpack(KEYS))
local denial, values, ttls, remaining = bucket_decide(raws, ARGV[1], now)
if denial then
  return bucket_deny(KEYS, raws, ARGV[1], denial, now, { now })
end
return bucket_charge(KEYS, values, ttls, remaining, now, { now })
