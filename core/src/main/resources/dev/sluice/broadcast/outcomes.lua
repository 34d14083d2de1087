-- Reads what became of recipients.
-- KEYS  the queue's and the limits' names; what the names of broadcasts start with
-- ARGV  the broadcast's number; the first and the last recipient
-- Returns nothing if there is none; else its status and a byte per recipient
-- A script because both belong to one moment.
local status = call('HGET', broadcast_key(ARGV[1], 'state'), 'status')
if not status then
  return {}
end
return { status, call('GETRANGE', broadcast_key(ARGV[1], 'results'), ARGV[2], ARGV[3]) }
