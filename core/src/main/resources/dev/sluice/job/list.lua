-- Lists jobs, those first that began last. Changes nothing.
-- KEYS  as in jobs.lua
-- ARGV  1 as in jobs.lua, 2 number before which to begin or empty, 3 how many at most, 4 only of this name or empty, 5 only in this state
--       or empty, 6 how many to look at
-- Returns the number before which to go on (empty: there are no more), then each job as show writes it
local before, most, name, state, looked = ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5], tonumber(ARGV[6])

local from = before == '' and '+inf' or '(' .. before
local found = redis.call('ZREVRANGEBYSCORE', begun, from, '-inf', 'WITHSCORES', 'LIMIT', 0, looked)
local answer, shown = { '' }, 0
for i = 1, #found, 2 do
  local job = read(found[i])
  if job and (name == '' or job.name == name) and (state == '' or state_of(job) == state) then
    if shown == most then
      return answer
    end
    show(answer, found[i], job)
    shown = shown + 1
  end
  -- Past this one is where the next page begins, should there be one.
  answer[1] = string.format(WHOLE, tonumber(found[i + 1]))
end
if #found < 2 * looked then
  answer[1] = ''
end
return answer
