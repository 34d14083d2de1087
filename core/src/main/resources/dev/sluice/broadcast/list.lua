-- Lists a bot's broadcasts, the newest first.
-- KEYS  the queue's and the limits' names; what the names of broadcasts start with
-- ARGV  the greatest number, as ZREVRANGEBYSCORE takes it; how many
-- Returns their numbers
-- A script because entries of those that have gone are removed on the way.
local found, till = {}, ARGV[1]
repeat
  local numbers = call('ZREVRANGEBYSCORE', ALL, till, '-inf', 'LIMIT', 0, ARGV[2])
  for _, number in ipairs(numbers) do
    if call('EXISTS', broadcast_key(number, 'state')) == 0 then
      call('ZREM', ALL, number)
    elseif #found < tonumber(ARGV[2]) then
      found[#found + 1] = number
    end
    till = '(' .. number
  end
until #found >= tonumber(ARGV[2]) or not numbers[1]
return found
