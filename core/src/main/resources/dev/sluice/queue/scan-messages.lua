-- Finds messages, whatever their state, a bounded number of keys at a time.
-- KEYS  what the queue's names start with
-- ARGV  where to go on, 0 to begin; about how many keys to look at
-- Returns where to go on, 0 at the end; then the numbers of messages
-- SCAN and no list of its own: whoever is there from the beginning to the end is found, and no message costs more memory.
local prefix = KEYS[1] .. 'm:'
local found = redis.call('SCAN', ARGV[1], 'MATCH', prefix .. '*', 'COUNT', ARGV[2])
local reply = { found[1] }
for i, key in ipairs(found[2]) do
  reply[1 + i] = string.sub(key, #prefix + 1)
end
return reply
