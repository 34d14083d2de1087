-- Finds messages, whatever their state, a bounded number of keys at a time.
-- KEYS  what the queue's names start with
-- ARGV  where to go on, 0 to begin; about how many keys to look at
-- Returns where to go on, 0 at the end; then the numbers of messages
-- SCAN and no list of its own: whoever is there from the beginning to the end is found, and no message costs more memory.
local prefix = KEYS[1] .. 'm:'
local found = redis.call('SCAN', ARGV[1], 'MATCH', prefix .. '*', 'COUNT', ARGV[2])
local reply = { found[1] }
for _, key in ipairs(found[2]) do
  local number = string.sub(key, #prefix + 1)
  if #number < 18 and string.find(number, '^[1-9]%d*$') then -- others are another program's
    reply[#reply + 1] = number
  end
end
return reply
