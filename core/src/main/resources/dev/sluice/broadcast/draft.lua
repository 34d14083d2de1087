-- Begins an upload.
-- KEYS  the queue's and the limits' names; what the names of broadcasts start with
-- ARGV  microseconds that a draft lives
-- Returns its number
-- Atomic because two must not take one number.
local number = now
while call('EXISTS', broadcast_key(string.format('%.0f', number), 'state'),
  broadcast_key(string.format('%.0f', number), 'recipients')) > 0 do
  number = number + 1
end
number = string.format('%.0f', number)
call('HSET', broadcast_key(number, 'recipients'), 'draft', 1)
call('PEXPIRE', broadcast_key(number, 'recipients'), millis(tonumber(ARGV[1])))
return { number }
