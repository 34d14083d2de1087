package dev.sluice.history;

/**
 * What became of entries that were to be appended.
 *
 * @param version of the history then; of two that were appended, the one that stands behind the other has the greater
 * @param added how many were new
 * @param duplicates how many were there, by their ids, or came twice
 * @param shared whether all of it is where other processes see it; otherwise some of it is in this process' memory, for now or, by its user's
 *     privacy level, for good
 */
public record Appended(long version, int added, int duplicates, boolean shared) {}
