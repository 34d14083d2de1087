/**
 * Everything that can be set: one catalogue of names, one loader, one report of all that is wrong.
 *
 * <p>A setting is looked for on the command line, in the environment, in {@code .env}, in {@code sluice.yaml}; the first
 * that is not empty counts. Start with {@link dev.sluice.server.settings.SettingsLoader}, then
 * {@link dev.sluice.server.settings.ServerSettings} and one of its sections, which holds its names, their defaults and why.
 */
@NullMarked
package dev.sluice.server.settings;

import org.jspecify.annotations.NullMarked;
