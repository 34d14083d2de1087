-- Puts a bundle that is set aside back among all of these, if it is missing there since that list was evicted or overwritten: it is listed again,
-- and forgotten with its person. Atomic because it must not be put back when it is dropped.
-- KEYS  as in bundles.lua
-- ARGV  1 to 4 as there, 5 "<chat>:<user>", 6 the bundle's number
-- Returns {1 if it was missing, else 0}
local name = ARGV[5] .. ':' .. ARGV[6]
local score = redis.pcall('ZSCORE', aside, name)
if type(score) == 'string' or redis.call('EXISTS', key_of('aside', name)) == 0 then
  return { 0 }
end
redis.call('PEXPIRE', key_of('aside', name), kept) -- Redis goes on after that although its memory is full
list_aside(name)
return { 1 }
