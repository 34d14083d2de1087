@NullMarked
package dev.sluice.server.assembly;

import org.jspecify.annotations.NullMarked;
