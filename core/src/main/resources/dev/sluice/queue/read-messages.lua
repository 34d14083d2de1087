-- Reads messages with all that belongs to them, until so many bytes are read.
-- KEYS  what the queue's names start with; what its limits' start with
-- ARGV  how many bytes, at least one message; then numbers of messages
-- Returns how many of the numbers were looked at; the time; then per message that is there: its number, its record, what its key
-- holds or '', its callback's record or ''
-- Atomic because what a key and a callback say must belong to the record.
local left, reply = tonumber(ARGV[1]), { 0, string.format('%.0f', now) }
for i = 2, #ARGV do
  local number = ARGV[i]
  local readable, m = pcall(message_find, number) -- what another program wrote, or cut, holds no other up
  if readable and m then
    local raw = m.raw
    local key = m.once ~= '' and call('GET', queue .. 'key:' .. m.once) or ''
    local callback = has(m.flags, CALLBACK) > 0 and call('GET', CALLBACK_OF .. number) or ''
    local n = #reply
    reply[n + 1], reply[n + 2], reply[n + 3], reply[n + 4] = number, raw, key, callback
    left = left - #raw
  end
  reply[1] = i - 1
  if left <= 0 then
    break
  end
end
return reply
