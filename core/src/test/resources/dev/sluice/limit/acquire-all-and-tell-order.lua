-- As acquire-all.lua, but tells at the end which of all decisions its last one is, and the server's time. The last of the keys counts them,
-- and the last argument says how many are asked for.
local last = redis.call('INCRBY', table.remove(KEYS), table.remove(ARGV))
local buckets, plan, at, reply = combined(KEYS), ARGV[1], 1, {}
while at < #plan do
  local which, times
  which, times, at = read('<I2I2', plan, at)
  at = buckets.decide(ARGV[which], times, plan, at, reply)
end
buckets.write()
reply[#reply + 1], reply[#reply + 2] = last, now
return reply
