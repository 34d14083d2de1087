-- As acquire.lua, but tells first which decision of all it is, and the server's time. The last of the keys counts them.
local order = redis.call('INCR', table.remove(KEYS))
local raws = redis.call('MGET', unpack(KEYS))
local denial, values, ttls, remaining = bucket_decide(raws, ARGV[1], now)
if denial then
  local reply = bucket_deny(KEYS, raws, ARGV[1], denial, now, { order, now })
  reply[8] = 0
  return reply
end
return bucket_charge(KEYS, values, ttls, remaining, now, { order, now })
