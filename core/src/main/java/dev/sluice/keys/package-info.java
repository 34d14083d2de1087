/**
 * What Sluice has in Redis: the table of all families of keys, and a survey of the keys that are there.
 *
 * <p>Start with {@code families.txt} beside these classes: a line is a family, with what removes it. {@link dev.sluice.keys.KeyTable} reads it,
 * {@link dev.sluice.keys.KeySurvey} holds the keys of a Redis against it. Knows no feature: a new family is a line, and a test fails until it
 * is there.
 *
 * <p>Every key has a TTL or an owner that removes it. What has an owner may be without a TTL; what has none must not be, and a key of no family
 * is nobody's. So three things can be wrong with a family, and {@link dev.sluice.keys.FamilyCount#faults} says which.
 */
@NullMarked
package dev.sluice.keys;

import org.jspecify.annotations.NullMarked;
