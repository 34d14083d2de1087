-- Lets a draft run.
-- KEYS  the queue's and the limits' names; what the names of broadcasts start with
-- ARGV  its number; recipients; duplicates; window; priority; paid; everybody; how many may be unfinished; key or ''; fingerprint
--       or ''; template
-- Returns a word and a number: running with its own; known, mismatch with that of its key; too-many with the bound; lost
-- Atomic because of two under one key only one may run, and because nobody may see a part of it.
local number, total, duplicates, window, priority, paid, everybody = unpack(ARGV, 1, 7)
local most, once, content, template = tonumber(ARGV[8]), ARGV[9], ARGV[10], ARGV[11]
local state, recipients = broadcast_key(number, 'state'), broadcast_key(number, 'recipients')
local once_key = broadcasts .. 'key:' .. once

if call('EXISTS', state) == 1 then
  return { 'running', number } -- a repetition
end
local known = once ~= '' and call('GET', once_key)
if known then
  call('UNLINK', recipients)
  return { string.sub(known, 33) == content and 'known' or 'mismatch', (string.gsub(string.sub(known, 1, 32), ' ', '')) }
elseif call('HEXISTS', recipients, 'draft') == 0 then
  return { 'lost', 0 }
elseif call('ZCARD', ACTIVE) >= most then
  call('UNLINK', recipients)
  return { 'too-many', most }
end
-- The first write is one that full memory refuses.
call('SETRANGE', broadcast_key(number, 'results'), tonumber(total) - 1, WAITS)
call('HSET', recipients, 'template', template)
call('HDEL', recipients, 'draft')
call('PERSIST', recipients)
call('HSET', state, 'status', STATUS_RUNNING, 'total', total, 'duplicates', duplicates, 'window', window,
  'priority', priority, 'paid', paid, 'everybody', everybody, 'key', once, 'created', string.format('%.0f', now),
  'waiting', total, 'next', 0, 'rate', 0, 'weight', 0, 'rated', string.format('%.0f', now))
call('ZADD', ALL, number, number)
call('PERSIST', ALL)
call('ZADD', ACTIVE, number, number)
if once ~= '' then
  call('SET', once_key, string.format('%32s', number) .. content)
end
return { 'running', number }
