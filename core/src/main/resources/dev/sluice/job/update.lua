-- Says that a job lives, how far it is, and adds to its counters. Atomic because all of it counts or, if it may not, nothing.
-- KEYS  as in jobs.lua
-- ARGV  1 as in jobs.lua, 2 id, 3 number of the run, 4 done or empty, 5 total or empty, 6 how many counters there may be,
--       7 the greatest that one may be, then for each counter its name and what is added
-- Returns 1; 0: this run has ended, or there is none; 2: too many counters; 3: a counter would be too great
local id, number, done, total, most, greatest = ARGV[2], ARGV[3], ARGV[4], ARGV[5], tonumber(ARGV[6]), tonumber(ARGV[7])

local job = read(id)
if not job or job.number ~= number or job.state ~= 'running' then
  return { 0 }
end
local counters, sums = 0, {}
for field in pairs(job) do
  if string.sub(field, 1, 2) == 'c:' then
    counters = counters + 1
  end
end
for i = 8, #ARGV, 2 do
  local field = 'c:' .. ARGV[i]
  if not job[field] then
    counters = counters + 1
  end
  local sum = (tonumber(job[field]) or 0) + tonumber(ARGV[i + 1])
  if math.abs(sum) > greatest then
    return { 3 }
  end
  sums[#sums + 1] = field
  sums[#sums + 1] = string.format(WHOLE, sum)
end
if counters > most then
  return { 2 }
end
touch(id)
if #sums > 0 then
  redis.call('HSET', key_of(id), unpack(sums))
end
if done ~= '' then
  redis.call('HSET', key_of(id), 'done', done)
end
if total ~= '' then
  redis.call('HSET', key_of(id), 'total', total)
end
return { 1 }
