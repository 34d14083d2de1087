-- Has all processes forget what they have of a user in their memory. One step, so that its number is the last and told with the record.
-- KEYS  as in levels.lua
-- ARGV  1 all, or copies for those only, 2 user
-- Returns {the number of the change}
must()
return { note_forgotten(ARGV[1], ARGV[2]) }
