-- Shows by which list of regions a gateway runs, or looks only; tells all lists that are shown here.
-- KEYS  1 lists: hash, a gateway's region and its list -> when that was last shown, microseconds of the server's clock
-- ARGV  1 what to show, or nothing; 2 microseconds that it counts
-- Returns what is shown
-- A script because ages are compared with the server's clock. The key goes with the last gateway; at most 64 lists are kept, and all
-- gateways of one region should have the same.
local lists, shown, counts = KEYS[1], ARGV[1], tonumber(ARGV[2])

local all, alive, stale = redis.call('HGETALL', lists), {}, {}
for i = 1, #all, 2 do
  local age = now - tonumber(all[i + 1])
  if age < counts and age > -counts then
    alive[#alive + 1] = all[i]
  else
    stale[#stale + 1] = all[i]
  end
end
if shown ~= '' then
  if #stale > 0 then redis.call('HDEL', lists, unpack(stale)) end
  if #alive < 64 then
    redis.call('HSET', lists, shown, string.format('%.0f', now))
    redis.call('PEXPIRE', lists, string.format('%.0f', counts / 1000))
  end
end
return alive
