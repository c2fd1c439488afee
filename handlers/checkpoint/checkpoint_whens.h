/* SPDX-License-Identifier: Apache-2.0 */
/* What the field rows call: obligations that depend on other fields, and further checks of a value. */
#ifndef KOUAN_HANDLER_CHECKPOINT_WHENS_H
#define KOUAN_HANDLER_CHECKPOINT_WHENS_H

#include "checkpoint.h"

kn_obligation kn_checkpoint_when_medium(const kn_field_scope *scope);
kn_obligation kn_checkpoint_when_object_id(const kn_field_scope *scope);
kn_obligation kn_checkpoint_when_ship(const kn_field_scope *scope);
kn_obligation kn_checkpoint_when_voyage(const kn_field_scope *scope);
kn_obligation kn_checkpoint_when_bill(const kn_field_scope *scope);
kn_obligation kn_checkpoint_when_container1(const kn_field_scope *scope);
kn_obligation kn_checkpoint_when_container2(const kn_field_scope *scope);
kn_obligation kn_checkpoint_when_locks1(const kn_field_scope *scope);
kn_obligation kn_checkpoint_when_locks2(const kn_field_scope *scope);

kn_error kn_checkpoint_district(const kn_field_scope *scope, const char *value, bool *warning);
kn_error kn_checkpoint_mode(const kn_field_scope *scope, const char *value, bool *warning);
kn_error kn_checkpoint_plate(const kn_field_scope *scope, const char *value, bool *warning);
kn_error kn_checkpoint_object_id(const kn_field_scope *scope, const char *value, bool *warning);
kn_error kn_checkpoint_container(const kn_field_scope *scope, const char *value, bool *warning);
kn_error kn_checkpoint_container2(const kn_field_scope *scope, const char *value, bool *warning);
kn_error kn_checkpoint_locks(const kn_field_scope *scope, const char *value, bool *warning);

#endif
