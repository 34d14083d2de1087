-- Has all processes forget what copies they have of a user's data in their memory. One step, so that its number is the last and told with the record.
-- KEYS  as in levels.lua
-- ARGV  1 user
-- Returns {the number of the change}
must()
return { note_forgotten('copies', ARGV[1]) }
