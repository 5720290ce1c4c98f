// What Argo thinks of manifests, by Argo's JSON Schema and by Argo's own code: the parser of `argo lint --strict`,
// the validator of workflows, and the types, validators and filters of Argo Events.
//
// `argo-check manifests SCHEMAS FILE...` prints one line for each fault of a manifest in YAML and ends with 1
// where there is one. `argo-check starts SENSOR EVENT...` prints for each event, in JSON, whether the sensor
// starts something. Whether a cluster would run it is left out.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	eventsv1 "github.com/argoproj/argo-events/pkg/apis/events/v1alpha1"
	"github.com/argoproj/argo-events/pkg/eventsources/sources/github"
	"github.com/argoproj/argo-events/pkg/reconciler/sensor"
	"github.com/argoproj/argo-events/pkg/sensors/dependencies"
	workflowsv1 "github.com/argoproj/argo-workflows/v4/pkg/apis/workflow/v1alpha1"
	"github.com/argoproj/argo-workflows/v4/util/logging"
	"github.com/argoproj/argo-workflows/v4/workflow/common"
	"github.com/argoproj/argo-workflows/v4/workflow/validate"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"sigs.k8s.io/yaml"
)

// The schema of each kind: its file, and its name there.
var schemas = map[string][2]string{
	"WorkflowTemplate": {"workflows.json", "io.argoproj.workflow.v1alpha1.WorkflowTemplate"},
	"EventSource":      {"events.json", "io.argoproj.events.v1alpha1.EventSource"},
	"Sensor":           {"events.json", "io.argoproj.events.v1alpha1.Sensor"},
}

func main() {
	command, place, files := os.Args[1], os.Args[2], os.Args[3:]
	switch command {
	case "manifests":
		manifests(place, files)
	case "starts":
		if err := starts(place, files); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
	default:
		os.Exit(2)
	}
}

func manifests(folder string, files []string) {
	faults := 0
	for _, file := range files {
		for _, fault := range check(folder, file) {
			fmt.Printf("%s: %s\n", filepath.Base(file), strings.ReplaceAll(fault, "\n", "; "))
			faults++
		}
	}
	if faults > 0 {
		os.Exit(1)
	}
	fmt.Printf("%d manifests pass\n", len(files))
}

func starts(file string, events []string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var found eventsv1.Sensor
	if err := yaml.UnmarshalStrict(text, &found); err != nil {
		return err
	}
	for _, event := range events {
		data, err := os.ReadFile(event)
		if err != nil {
			return err
		}
		passes := true
		for _, dependency := range found.Spec.Dependencies {
			about := eventsv1.Event{Context: &eventsv1.EventContext{DataContentType: "application/json"}, Data: data}
			ok, err := dependencies.Filter(&about, dependency.Filters, dependency.FiltersLogicalOperator)
			if err != nil {
				return err
			}
			passes = passes && ok
		}
		fmt.Println(passes)
	}
	return nil
}

func check(folder, file string) []string {
	text, err := os.ReadFile(file)
	if err != nil {
		return []string{err.Error()}
	}
	var about struct {
		Kind string `json:"kind"`
	}
	if err := yaml.Unmarshal(text, &about); err != nil {
		return []string{err.Error()}
	}
	var faults []string
	if err := bySchema(folder, about.Kind, text); err != nil {
		faults = append(faults, "by the schema: "+err.Error())
	}
	if err := byArgo(about.Kind, text); err != nil {
		faults = append(faults, "by Argo: "+err.Error())
	}
	return faults
}

func bySchema(folder, kind string, text []byte) error {
	schema, ok := schemas[kind]
	if !ok {
		return fmt.Errorf("there is none for the kind %q", kind)
	}
	compiled, err := jsonschema.NewCompiler().Compile(filepath.Join(folder, schema[0]) + "#/definitions/" + schema[1])
	if err != nil {
		return err
	}
	json, err := yaml.YAMLToJSONStrict(text)
	if err != nil {
		return err
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(json))
	if err != nil {
		return err
	}
	return compiled.Validate(value)
}

func byArgo(kind string, text []byte) error {
	switch kind {
	case "WorkflowTemplate":
		return workflowTemplate(text)
	case "EventSource":
		return eventSource(text)
	case "Sensor":
		return sensorOf(text)
	}
	return fmt.Errorf("the kind is %q", kind)
}

func workflowTemplate(text []byte) error {
	ctx := logging.WithLogger(context.Background(), logging.NewSlogLogger(logging.Error, logging.Text))
	parsed := common.ParseObjects(ctx, text, true)
	if len(parsed) != 1 {
		return fmt.Errorf("%d objects are in it", len(parsed))
	}
	if parsed[0].Err != nil {
		return parsed[0].Err
	}
	template, ok := parsed[0].Object.(*workflowsv1.WorkflowTemplate)
	if !ok {
		return fmt.Errorf("it is a %T", parsed[0].Object)
	}
	// Our templates refer to no others, so that nobody has to find those.
	return validate.ValidateWorkflowTemplate(ctx, nil, nil, template, nil, validate.ValidateOpts{Lint: true})
}

func eventSource(text []byte) error {
	var source eventsv1.EventSource
	if err := yaml.UnmarshalStrict(text, &source); err != nil {
		return err
	}
	if len(source.Spec.Github) == 0 {
		return errors.New("no source of GitHub is in it")
	}
	for name, spec := range source.Spec.Github {
		listener := github.EventListener{EventSourceName: source.Name, EventName: name, GithubEventSource: spec}
		if err := listener.ValidateEventSource(context.Background()); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func sensorOf(text []byte) error {
	var found eventsv1.Sensor
	if err := yaml.UnmarshalStrict(text, &found); err != nil {
		return err
	}
	bus := eventsv1.EventBus{}
	bus.Spec.JetStream = &eventsv1.JetStreamBus{}
	if err := sensor.ValidateSensor(&found, &bus); err != nil {
		return err
	}
	for _, trigger := range found.Spec.Triggers {
		if trigger.Template.ArgoWorkflow == nil {
			return errors.New("a trigger starts no workflow")
		}
		workflow, err := yaml.Marshal(trigger.Template.ArgoWorkflow.Source.Resource)
		if err != nil {
			return err
		}
		if err := yaml.UnmarshalStrict(workflow, &workflowsv1.Workflow{}); err != nil {
			return err
		}
	}
	return nil
}
